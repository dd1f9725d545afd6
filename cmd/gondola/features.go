package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
)

// featuresFlag adds the flag --features, which opens gates of the Component Model.
func featuresFlag(cmd *cobra.Command, into *component.Feature) {
	cmd.Flags().Var((*featureSet)(into), "features", "open gates of the Component Model, a `list` separated by commas: "+
		strings.Join(component.AllFeatures.Names(), ", ")+", or all; repeatable")
}

// featureSet is the value of a flag. One that is given twice adds to the set.
type featureSet component.Feature

func (s *featureSet) Set(list string) error {
	f, err := component.ParseFeatures(list)
	*s |= featureSet(f)
	return err
}

func (s *featureSet) String() string { return strings.Join(component.Feature(*s).Names(), ",") }

func (s *featureSet) Type() string { return "list" }
