package wast

import (
	"testing"

	"github.com/gondola-wasm/gondola/component"
)

func TestHeader(t *testing.T) {
	all := component.AllFeatures &^ component.FeatureNestedNames
	tests := []struct {
		lines     []string
		features  component.Feature
		validates bool
	}{
		{nil, all, false},
		{[]string{"! component_model_threading = true", "! gc = false"}, all, false},
		{[]string{"! component_model_nested_names = true"}, component.AllFeatures, false},
		{[]string{"! component_model_threading = false"}, all &^ component.FeatureThreads, false},
		{[]string{" RUN: wast --assert default % -f cm-async"}, 0, true},
		{[]string{" RUN: wast --assert default % -f cm-async,cm-threading"}, component.FeatureThreads, true},
		{[]string{" RUN: wast % -f=cm64,-cm-gc,-cm64"}, 0, true},
		{[]string{" RUN: wast --features=cm-error-context %"}, component.FeatureErrorContext, true},
		{[]string{" RUN: wast % --assert default \\", "        -f=cm64,cm-values", " -f cm-threading"}, component.FeatureMemory64 | component.FeatureValues, true},
		{[]string{" RUN: print %", " a remark"}, all, false},
	}
	for _, tt := range tests {
		if h := readHeader(tt.lines); h.features != tt.features || h.validates != tt.validates {
			t.Errorf("%q: got %v, %v", tt.lines, h.features, h.validates)
		}
	}
}
