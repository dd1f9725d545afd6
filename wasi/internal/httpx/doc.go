// Package httpx is wasi:http in Go terms, for every version of WASI: fields, the
// syntax of what requests and responses are made of, error codes.
package httpx
