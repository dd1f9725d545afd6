package wast

import (
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/component"
)

// header is what the comments at the top of a file say of how it is meant.
type header struct {
	features component.Feature

	// validates says that the file was written for a tool that runs nothing: its
	// components are not instantiated.
	validates bool
}

// headerFeatures are the names of gates in headers. A gate that we don't have, since
// what it hides is always there, is not listed.
var headerFeatures = map[string]component.Feature{
	"component_model_values":              component.FeatureValues,
	"component_model_nested_names":        component.FeatureNestedNames,
	"component_model_more_async_builtins": component.FeatureMoreAsyncBuiltins,
	"component_model_async_stackful":      component.FeatureAsyncStackful,
	"component_model_threading":           component.FeatureThreads,
	"component_model_fixed_length_lists":  component.FeatureFixedLengthLists,
	"component_model_error_context":       component.FeatureErrorContext,
	"component_model_memory64":            component.FeatureMemory64,

	"cm-values":                 component.FeatureValues,
	"cm-nested-names":           component.FeatureNestedNames,
	"cm-more-async-builtins":    component.FeatureMoreAsyncBuiltins,
	"cm-async-stackful":         component.FeatureAsyncStackful,
	"cm-threading":              component.FeatureThreads,
	"shared-everything-threads": component.FeatureSharedThreads,
	"cm-fixed-length-lists":     component.FeatureFixedLengthLists,
	"cm-error-context":          component.FeatureErrorContext,
	"cm-canon-names":            component.FeatureCanonicalNames,
	"cm64":                      component.FeatureMemory64,
}

// readHeader understands the two ways in which suites write headers:
//
//	;;! component_model_threading = false
//	;; RUN: wast --assert default % -f cm-threading,-cm-async
//
// A command may go on in the next line, after a backslash. Without a header all gates
// are open but 🪺: the reference tests refuse names that only it gives a meaning to.
func readHeader(lines []string) header {
	h := header{features: component.AllFeatures &^ component.FeatureNestedNames}
	command := ""
	for _, line := range lines {
		line, rest := strings.TrimSpace(line), command
		if args, ok := strings.CutPrefix(line, "RUN: "); ok {
			rest, line = " ", args
		}
		command = ""
		if setting, ok := strings.CutPrefix(line, "!"); ok {
			h.setting(setting)
		} else if rest != "" {
			args, more := strings.CutSuffix(line, "\\")
			if rest += args + " "; more {
				command = rest
			} else {
				h.command(strings.Fields(rest))
			}
		}
	}
	return h
}

// setting reads `key = value`.
func (h *header) setting(s string) {
	key, value, _ := strings.Cut(s, "=")
	feature := headerFeatures[strings.TrimSpace(key)]
	switch strings.TrimSpace(value) {
	case "true":
		h.features |= feature
	case "false":
		h.features &^= feature
	}
}

// command reads the arguments of wasm-tools, which opens no gate that it isn't told
// to.
func (h *header) command(args []string) {
	if !slices.Contains(args, "wast") {
		return
	}
	h.validates, h.features = true, 0
	for i, arg := range args {
		list, ok := strings.CutPrefix(arg, "-f=")
		if !ok {
			list, ok = strings.CutPrefix(arg, "--features=")
		}
		if !ok && arg == "-f" && i+1 < len(args) {
			list, ok = args[i+1], true
		}
		if ok {
			h.list(list)
		}
	}
}

func (h *header) list(list string) {
	for name := range strings.SplitSeq(list, ",") {
		if off, ok := strings.CutPrefix(name, "-"); ok {
			h.features &^= headerFeatures[off]
		} else {
			h.features |= headerFeatures[name]
		}
	}
}
