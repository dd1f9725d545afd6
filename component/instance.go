package component

// CoreModule is an embedded core module.
//
// Spec: Binary.md#component-definitions.
type CoreModule struct {
	At    Offset // of the module's own first byte
	Bytes []byte // shared with the decoder's input
}

// CoreInstance creates a core module instance.
//
// Spec: Explainer.md#instance-definitions, production `core:instance`.
type CoreInstance struct {
	At   Offset
	Expr CoreInstanceExpr
}

// CoreInstanceExpr is *[CoreInstantiate] or [CoreInlineExports].
type CoreInstanceExpr interface{ isCoreInstanceExpr() }

// CoreInstantiate instantiates a core module with named core instances.
type CoreInstantiate struct {
	Module uint32
	Args   []CoreInstantiateArg
}

// CoreInstantiateArg gives the core instance that satisfies all imports whose
// first name is Name.
type CoreInstantiateArg struct {
	At       Offset
	Name     string
	Instance uint32
}

// CoreInlineExports make an instance out of definitions that exist already.
type CoreInlineExports []CoreInlineExport

// CoreInlineExport is one export of an instance that is made of definitions.
type CoreInlineExport struct {
	At   Offset
	Name string
	Def  SortIndex // of a core sort
}

func (*CoreInstantiate) isCoreInstanceExpr()  {}
func (CoreInlineExports) isCoreInstanceExpr() {}

// Instance creates a component instance.
//
// Spec: Explainer.md#instance-definitions, production `instance`.
type Instance struct {
	At   Offset
	Expr InstanceExpr
}

// InstanceExpr is *[Instantiate] or [InlineExports].
type InstanceExpr interface{ isInstanceExpr() }

// Instantiate instantiates a component with named arguments.
type Instantiate struct {
	Component uint32
	Args      []InstantiateArg
}

// InstantiateArg supplies the import of its name.
type InstantiateArg struct {
	At   Offset
	Name string
	Def  SortIndex
}

// InlineExports make an instance out of definitions that exist already.
type InlineExports []InlineExport

// InlineExport is one export of an instance that is made of definitions.
type InlineExport struct {
	At   Offset
	Name ExternName
	Def  SortIndex
}

func (*Instantiate) isInstanceExpr()  {}
func (InlineExports) isInstanceExpr() {}

// Alias adds something that another instance exports, or that an enclosing
// component or type defines, to an index space of the current one.
//
// Spec: Explainer.md#alias-definitions, production `alias`.
type Alias struct {
	At     Offset
	Sort   Sort
	Target AliasTarget
}

// AliasTarget is *[AliasExport], *[AliasCoreExport] or *[AliasOuter].
type AliasTarget interface{ isAliasTarget() }

// AliasExport refers to an export of a component instance.
type AliasExport struct {
	Instance uint32
	Name     string
}

// AliasCoreExport refers to an export of a core instance.
type AliasCoreExport struct {
	Instance uint32
	Name     string
}

// AliasOuter refers to a definition of an enclosing component or type.
type AliasOuter struct {
	Count uint32 // of scopes to go outward; 0 is the current one
	Index uint32
}

func (*AliasExport) isAliasTarget()     {}
func (*AliasCoreExport) isAliasTarget() {}
func (*AliasOuter) isAliasTarget()      {}

// Section implements [Definition].
func (*CoreModule) Section() SectionID { return SectionCoreModule }

// Defines implements [Definition].
func (*CoreModule) Defines() (Sort, bool) { return SortCoreModule, true }

// Section implements [Definition].
func (*CoreInstance) Section() SectionID { return SectionCoreInstance }

// Defines implements [Definition].
func (*CoreInstance) Defines() (Sort, bool) { return SortCoreInstance, true }

// Section implements [Definition].
func (*Instance) Section() SectionID { return SectionInstance }

// Defines implements [Definition].
func (*Instance) Defines() (Sort, bool) { return SortInstance, true }

// Section implements [Definition].
func (*Alias) Section() SectionID { return SectionAlias }

// Defines implements [Definition].
func (a *Alias) Defines() (Sort, bool) { return a.Sort, true }
