// Package plan flattens a valid component into a list of instantiation steps.
//
// [New] walks the root component and, at every `instantiate`, the component that
// it names, so that nested components disappear: what is left is a [Plan], a flat
// list of steps in which everything refers to what earlier steps made by a small
// integer. Aliases, index spaces, instances made of exports, and outer references
// are resolved; no name is looked up at run time but the exports of core instances,
// once.
//
// # Spaces
//
// Steps number what they make, consecutively from 0 in each space:
//
//	component instances   Plan.Instances; 0 is the root. They need no step.
//	resources             step Resource; types.Resource.Index() is the number
//	core instances        step InstantiateModule
//	functions of guests   step Lift
//	trampolines           steps Lower and Builtin: functions that the host gives to
//	                      core code
//	core functions        step ExtractFunc: functions of guests that the runtime calls
//	memories, tables      steps ExtractMemory, ExtractTable
//
// Plan.Counts has the number of each. Imports (Plan.Imports) are numbered too; they
// are there before the first step.
//
// # Types
//
// All types in a plan are about the plan's own resources: each instance of a
// nested component has resources of its own, and imported resource types are
// numbered with the others. Two steps speak of the same resource if and only if the
// pointers are equal.
//
// # What it must not know
//
// No engine, no memory, no values, no linking: what satisfies an import is decided
// for each instantiation of the plan.
//
// A Plan is immutable and may be used by any number of goroutines and stores.
//
// Spec: Explainer.md#instance-definitions, #alias-definitions,
// CanonicalABI.md#embedding (definitions.py Store.lift, Store.lower).
package plan
