// Package wat is the text format of WebAssembly modules and components: it parses
// text to the binary format, prints the binary format as text, and reads the
// scripts (.wast) that specifications are tested with.
//
// The shapes:
//
//   - lex (lexer.go) splits a text into tokens; parser (parser.go) walks over them.
//     Both stop at the first fault, with a [syntax.Error] that has the place, the
//     line, a caret, and what was expected.
//   - A core module is parsed to a corewasm.Module (core_*.go), a component to a
//     component.Component (component_*.go), with all abbreviations expanded and all
//     identifiers resolved. Identifiers are kept in name sections.
//   - print*.go go the other way.
//   - locate.go finds the place in a text that an error about its binary lies in.
//   - script_*.go read scripts. What stands in a script's modules and components
//     is parsed when it is asked for, since tests hold faulty ones.
//
// Texts are hostile: they cost time and memory in proportion to their length.
//
// Specification: WebAssembly core 3.0, section 6; Explainer.md.
package wat
