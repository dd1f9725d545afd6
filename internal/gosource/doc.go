// Package gosource writes Go source: packages of several files that share one set of import names, names that are unique in
// their scope and stay the same when others are added later, and text that is formatted as gofmt does.
//
// It must not know what the source is for.
//
// Nothing here is safe for use from several goroutines.
package gosource
