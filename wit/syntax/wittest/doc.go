// Package wittest makes random WIT for tests.
package wittest
