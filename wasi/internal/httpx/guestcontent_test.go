package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

// write offers a text as a guest does, and returns how much was taken.
func (c *guestContent) write(text string) int {
	room := c.Offer(len(text))
	if len(room) == 0 {
		return 0
	}
	n := copy(room, text)
	c.Took(n)
	return n
}

func newTestContent(size sizeRule, maxPiece int) *guestContent {
	return &guestContent{size: size, keep: Keep{Piece: maxPiece}, news: make(news, 1)}
}

func TestPiecesAreCapped(t *testing.T) {
	c := newTestContent(sizeRule{}, 10_000)
	for _, offer := range []int{1, 100, 10_000, 1 << 20, 1 << 40} {
		if room := c.Offer(offer); len(room) > 10_000 {
			t.Errorf("of %d bytes %d are taken", offer, len(room))
		}
		c.Took(0)
	}
}

// Small writes that come while nobody reads are one piece, and what there is no room
// for waits.
func TestPieces(t *testing.T) {
	c := newTestContent(sizeRule{}, minPiece)
	long := string(make([]byte, minPiece))
	for _, text := range []string{"one", "two"} {
		if n := c.write(text); n != 3 {
			t.Errorf("took %d of %s", n, text)
		}
	}
	if n := c.write(long); n != minPiece-6 {
		t.Errorf("took %d", n)
	}
	if n := c.write("more"); n != 0 || !c.full {
		t.Errorf("took %d more", n)
	}
	piece, full, err := c.next()
	if len(piece) != minPiece || string(piece[:6]) != "onetwo" || !full || err != nil {
		t.Errorf("got %d bytes, %t, %v", len(piece), full, err)
	}
	if n := c.write("more"); n != 4 {
		t.Errorf("took %d while a piece is on its way", n)
	}
	if string(piece[:6]) != "onetwo" {
		t.Error("the piece on its way was written over")
	}
}

func TestEndOfContent(t *testing.T) {
	failure := ErrorCode(InternalError{})
	fields := (*FieldRules)(nil).New()
	came := &fields
	for _, test := range []struct {
		name   string
		size   sizeRule
		events []func(*guestContent)
		want   string
	}{
		{"nothing yet", sizeRule{}, nil, "waits"},
		{"the body without trailers", sizeRule{}, []func(*guestContent){func(c *guestContent) { c.End(io.EOF) }}, "waits"},
		{"trailers without the body", sizeRule{}, []func(*guestContent){func(c *guestContent) { c.trailersCome(TrailersOutcome{}, nil) }}, "waits"},
		{"both", sizeRule{}, []func(*guestContent){
			func(c *guestContent) { c.trailersCome(TrailersOutcome{OK: came}, nil) }, func(c *guestContent) { c.End(io.EOF) }}, "EOF"},
		{"a failure before the body ends", sizeRule{}, []func(*guestContent){
			func(c *guestContent) { c.trailersCome(TrailersOutcome{Err: &failure}, nil) }}, failure.Error()},
		{"no trailers ever", sizeRule{}, []func(*guestContent){
			func(c *guestContent) { c.trailersCome(TrailersOutcome{}, io.ErrClosedPipe) }}, io.ErrClosedPipe.Error()},
		{"too little", sizeRule{true, 5, requestSize}, []func(*guestContent){
			func(c *guestContent) { c.End(io.EOF) }}, HTTPRequestBodySize{Size: new(uint64(0))}.Error()},
		{"too much", sizeRule{true, 5, responseSize}, []func(*guestContent){
			func(c *guestContent) { c.write("sixsix") }}, HTTPResponseBodySize{Size: new(uint64(6))}.Error()},
		{"the guest traps", sizeRule{true, 5, responseSize}, []func(*guestContent){
			func(c *guestContent) { c.End(errors.New("trap")) }}, "trap"},
	} {
		c := newTestContent(test.size, 100)
		for _, e := range test.events {
			e(c)
		}
		got := "waits"
		if c.Ready() {
			_, err := c.Next(context.Background())
			got = fmt.Sprint(err)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// A write that is being copied is in no piece yet.
func TestContentDuringAWrite(t *testing.T) {
	c := newTestContent(sizeRule{}, 100)
	c.write("one")
	room := c.Offer(3)
	if c.Ready() {
		t.Error("it is ready in the middle of a write")
	}
	copy(room, "two")
	c.Took(3)
	if piece, _ := c.Next(context.Background()); string(piece) != "onetwo" {
		t.Errorf("got %q", piece)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 2 { // the first may find that something had come
		if piece, err := c.Next(ctx); len(piece) > 0 || err != context.Canceled {
			t.Errorf("got %q, %v", piece, err)
		}
	}
}

// What bodies keep together is bounded, however many there are, and none of them is
// held up for ever by others.
func TestContentsTogether(t *testing.T) {
	const limit, bodies = 1 << 20, 500
	budget := NewBudget(limit)
	var all []*guestContent
	for range bodies {
		c := newTestContent(sizeRule{}, 1<<20)
		c.keep.Budget, c.untold = budget, true
		for range 2 { // one piece is on its way, another follows
			if room := c.Offer(1 << 20); len(room) < MinShare {
				t.Fatalf("a body may keep %d bytes", len(room))
			}
			c.Took(MinShare)
			c.next()
		}
		all = append(all, c)
	}
	if used := budget.Used(); used > limit+2*bodies*MinShare || used < limit/2 {
		t.Errorf("%d bytes are kept", used)
	}
	for _, c := range all {
		c.closed, c.late = true, trailersCame
		c.Done(nil)
		if room := c.Offer(1 << 20); room != nil {
			t.Fatalf("a body that nobody wants may keep %d bytes", len(room))
		}
	}
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are kept in the end", used)
	}
}
