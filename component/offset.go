package component

// Offset is a byte offset from the start of the file that something was decoded
// from.
type Offset int

// OffsetOf is the field At of a definition or declarator, 0 for anything else.
func OffsetOf(d any) Offset {
	switch d := d.(type) {
	case *Custom:
		return d.At
	case *CoreModule:
		return d.At
	case *CoreInstance:
		return d.At
	case *CoreType:
		return d.At
	case *Component:
		return d.At
	case *Instance:
		return d.At
	case *Alias:
		return d.At
	case *Type:
		return d.At
	case *Canon:
		return d.At
	case *Start:
		return d.At
	case *Import:
		return d.At
	case *Export:
		return d.At
	case *ExportDecl:
		return d.At
	case *Value:
		return d.At
	case *CoreAlias:
		return d.At
	case *CoreImport:
		return d.At
	case *CoreExportDecl:
		return d.At
	}
	return 0
}
