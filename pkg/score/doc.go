// Package score puts a verdict on one image in numbers.
package score
