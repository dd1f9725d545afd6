// Command borrower is a guest that uses what the host lends it, in the call and after it.
package main

import (
	"context"
	"fmt"

	"example.com/everything/gen/borrower"
	"example.com/everything/gen/export/borrowers"
	"example.com/everything/gen/things"
)

func init() {
	borrower.Export(borrower.Exports{
		Borrowers: names{},
		Greet: func(ctx context.Context, s borrower.SessionBorrow, t borrower.ThingBorrow) (string, error) {
			return s.Greet(ctx, t)
		},
		Open: func(name string) *borrower.Session { return borrower.NewSession(name) },
		Counted: func(s *borrower.Session) uint32 {
			defer s.Close()
			return borrower.SessionCount()
		},
	})
}

func main() {}

// names implements borrowers.
type names struct{}

// kept is what a call lent that has returned.
var kept things.ThingBorrow

func (names) Names(ctx context.Context, t borrowers.ThingBorrow, others []borrowers.ThingBorrow, last borrowers.ThingBorrow) (string, error) {
	kept = t
	if _, err := t.Rename(ctx, t.Name()+"!"); err != nil {
		return "", err
	}
	if last != nil {
		others = append(others, last)
	}
	return fmt.Sprint(t.Name(), things.Names(others)), nil
}

func (names) Plain(t borrowers.ThingBorrow) string {
	kept = t
	own := things.ThingMerge(t, things.NewThing(" and ours"))
	defer own.Close()
	return own.Name()
}

func (names) Stale() (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	return "used: " + kept.Name()
}
