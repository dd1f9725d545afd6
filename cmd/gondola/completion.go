package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/serve"
)

// completeChoices has shells offer the values of flags that have few.
func completeChoices(cmd *cobra.Command) *cobra.Command {
	for name, values := range map[string][]cobra.Completion{
		"isolation":    {serve.IsolationRequest.String(), serve.IsolationInstance.String(), serve.IsolationConcurrent.String()},
		"log-format":   {"text", "json"},
		"deny-network": slices.Sorted(maps.Keys(networkParts)),
		"features":     append(component.AllFeatures.Names(), "all"),
	} {
		if cmd.Flags().Lookup(name) != nil {
			// The flag is there and has none yet.
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	return cmd
}
