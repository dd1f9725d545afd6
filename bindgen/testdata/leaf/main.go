// Command leaf is a guest that answers every call by itself. Its package is completed by everything's values_test.go.
package main

import "example.com/everything/gen/leaf"

func init() { leaf.Export(leaf.Exports{Values: valuesHost{}, AsyncValues: asyncHost{}}) }

func main() {}
