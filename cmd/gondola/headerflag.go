package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// headerFlags are headers that each request gets.
type headerFlags struct{ set [][2]string }

// String implements [pflag.Value].
func (h *headerFlags) String() string { return "" }

// Type implements [pflag.Value].
func (h *headerFlags) Type() string { return "header" }

// Set implements [pflag.Value].
func (h *headerFlags) Set(s string) error {
	path, isFile := strings.CutPrefix(s, "@")
	if !isFile {
		return h.add(s)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := h.add(line); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return nil
}

// add adds a header. Spec: RFC 9110, section 5.6.2 (token) and 5.5 (field-value).
func (h *headerFlags) add(s string) error {
	name, value, found := strings.Cut(s, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" {
		return errors.New("want 'NAME: VALUE'")
	}
	notInName := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }
	notInValue := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	if strings.ContainsFunc(name, notInName) || strings.ContainsFunc(value, notInValue) {
		return fmt.Errorf("%q has a character that a header can't have", s)
	}
	h.set = append(h.set, [2]string{name, value})
	return nil
}

// on is handler with the headers set. A header that is set takes the place of what the
// client has sent; one that is set twice has both values.
func (h *headerFlags) on(handler http.Handler) http.Handler {
	if len(h.set) == 0 {
		return handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, kv := range h.set {
			r.Header.Del(kv[0])
		}
		for _, kv := range h.set {
			if strings.EqualFold(kv[0], "host") {
				r.Host = kv[1] // which net/http keeps there
				continue
			}
			r.Header.Add(kv[0], kv[1])
		}
		handler.ServeHTTP(w, r)
	})
}
