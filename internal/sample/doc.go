// Package sample makes the image that `imgaudit demo` scans: a small Node
// application as careless people build it, with random secrets in its layers,
// its configuration and its history, and serves it from a registry in this process.
package sample
