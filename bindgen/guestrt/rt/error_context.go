package rt

// String is the message, for formatted output.
func (e *ErrorContext) String() string { return e.DebugMessage() }
