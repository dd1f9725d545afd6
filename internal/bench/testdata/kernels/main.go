// Command kernels is a guest that computes. It is built for wasip1 with -buildmode=c-shared.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sort"
)

func main() {}

// Each kernel runs n times and answers something that depends on all it has done.

//go:wasmexport sha256
func sha(n int32) int64 {
	data := make([]byte, 256<<10)
	var sum [32]byte
	for range n {
		sum = sha256.Sum256(data)
		copy(data, sum[:])
	}
	return int64(binary.LittleEndian.Uint64(sum[:]))
}

const size = 96

//go:wasmexport matmul
func matmul(n int32) int64 {
	var a, b, c [size][size]float64
	for i := range size {
		for j := range size {
			a[i][j], b[i][j] = float64(i+j), float64(i-j)
		}
	}
	total := 0.0
	for range n {
		for i := range size {
			for j := range size {
				sum := 0.0
				for k := range size {
					sum += a[i][k] * b[k][j]
				}
				c[i][j] = sum
			}
		}
		total += c[size-1][size-2]
	}
	return int64(total)
}

//go:wasmexport sort
func sorting(n int32) int64 {
	xs := make([]int, 20_000)
	var sum int64
	for r := range n {
		x := uint32(r + 1)
		for i := range xs {
			x = x*1664525 + 1013904223
			xs[i] = int(x >> 8)
		}
		sort.Ints(xs)
		sum += int64(xs[len(xs)/2])
	}
	return sum
}

type item struct {
	Name  string            `json:"name"`
	Sizes []int             `json:"sizes"`
	Tags  map[string]string `json:"tags"`
	Ratio float64           `json:"ratio"`
}

//go:wasmexport json
func marshalling(n int32) int64 {
	var items []item
	for i := range 50 {
		items = append(items, item{fmt.Sprint("item ", i), []int{i, i * i}, map[string]string{"k": fmt.Sprint(i)}, float64(i) / 3})
	}
	total := int64(0)
	for range n {
		b, err := json.Marshal(items)
		if err != nil {
			panic(err)
		}
		var back []item
		if err := json.Unmarshal(b, &back); err != nil {
			panic(err)
		}
		total += int64(len(b) + len(back) + bytes.Count(b, []byte("tags")))
	}
	return total
}

//go:wasmexport maps
func maps(n int32) int64 {
	sum := 0
	for range n {
		m := map[int]int{}
		for i := range 10_000 {
			m[i*7919%10_007] += i
		}
		for k, v := range m {
			sum += k ^ v
		}
	}
	return int64(sum)
}

func fib(n int32) int64 {
	if n < 2 {
		return int64(n)
	}
	return fib(n-1) + fib(n-2)
}

//go:wasmexport fib
func fibonacci(n int32) int64 {
	sum := int64(0)
	for range n {
		sum += fib(22)
	}
	return sum
}

//go:wasmexport strings
func stringing(n int32) int64 {
	text := bytes.Repeat([]byte("a gondola lift carries many cabins at once on one cable. "), 400)
	total := 0
	for range n {
		words := map[string]int{}
		for _, w := range bytes.Fields(text) {
			words[string(bytes.ToUpper(w))]++
		}
		total += words["CABINS"] + len(words)
	}
	return int64(total)
}
