// Package vuln matches the packages of images and of bills of materials against a
// local vulnerability database, with Grype's library. It opens no connection.
//
// A [Matcher] takes a bill of materials that package sbom made, or that [ReadSBOM] read
// from a file, and gives the records of the database that fit its packages, those
// included that are hidden in lower layers. Which matches there are is what Grype says
// of the same bill and the same database with its own defaults; this package only puts
// each into words of the project: severity, CVSS, EPSS, known exploitation, fix.
//
// What takes matches away is told, with what took them and why: rules of a .grype.yaml
// ([ReadIgnore]), statements of VEX documents ([ReadVEX]), and Grype's own default of leaving
// the kernel's flaws out of packages that hold its headers alone.
//
// Severity is that of the record. Where it has none, the worst of its aliases' and, failing
// these, the worst CVSS base score decide; where nobody rated the flaw at all it is taken for
// medium, and the rating in the detail says "unknown". Grype's "negligible" is info here.
package vuln
