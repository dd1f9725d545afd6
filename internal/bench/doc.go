// Command bench measures what Gondola costs, beside what wazero's own calls cost in the same run, and prints tables in
// Markdown:
//
//	go run ./internal/bench
//	go run ./internal/bench -only calls,fuel -time 20ms -rounds 5
//
// Every piece of work is done by the default engine, its result is checked, and the ways to do it take turns, so that
// what else the machine does falls on all of them. Numbers are medians of rounds; a ratio is one of medians. On a shared
// machine only ratios mean something.
//
// The floor of a row is the same core code on wazero alone, with the least host that lets it run: see floor.go. It moves
// the same bytes over the same boundary and knows nothing of tasks, handles or types.
//
// The same work is there as Go benchmarks, for profiles:
//
//	go test ./internal/bench -run - -bench 'Work/add,_async' -cpuprofile cpu.out
//
// What it must not know: how any other room works inside. It uses the public API, gobuild, componentize, and corewasm's
// Builder and Rewrite.
package main
