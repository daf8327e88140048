// Package gitobj reads what lies in Git repositories inside an image layer, with no
// checkout and no temporary file, while the layer streams by.
//
// A [Collector] is given the files of one layer. It recognises the parts of
// repositories (`.git`, bare `x.git` and submodule directories, worktrees, bundles, and
// what has their shape elsewhere), hands every object that becomes whole to a
// hook, so that it can be scanned in its layer, and leaves [Facts]: for each
// repository a compact [Graph] of commits, trees, refs, reflogs and the index. Facts
// depend on the layer alone.
//
// [Join] lays the graphs of one repository over each other, because its parts may
// lie in several layers, and gives a [Repo]; [Repo.Find] says which commits and paths
// hold a blob.
//
// Promises:
//   - A pack is read once as it streams, in whatever order bases and deltas have. Each object is
//     inflated at most twice and each delta applied once.
//   - An object's ID is computed, never believed.
//   - Memory, work and counts are bounded by [Limits]. What was not read
//     is in a [Remark]; nothing is skipped in silence, and nothing in a repository makes the package panic.
//   - Facts and occurrences are deterministic.
//
// The formats are those of Git's own documentation: gitformat-pack(5),
// gitformat-index(5), gitformat-bundle(5), gitrepository-layout(5).
package gitobj
