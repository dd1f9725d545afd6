package gondola

import "github.com/gondola-wasm/gondola/internal/cabi"

// Choice is what the function of [WithOrder] chooses.
type Choice uint8

const (
	// ChoiceThread is which of the threads that are ready goes on.
	ChoiceThread = Choice(cabi.ChoiceThread)

	// ChoiceWait is whether a thread that waits for what has come already lets
	// others go first.
	ChoiceWait = Choice(cabi.ChoiceWait)

	// ChoiceYield is whether a thread that yields goes on all the same, and lets
	// nobody go first.
	ChoiceYield = Choice(cabi.ChoiceYield)

	// ChoiceEvent is which of the events that have happened a guest learns of first.
	ChoiceEvent = Choice(cabi.ChoiceEvent)

	// ChoiceCancel is which of a task's threads learns that the task was cancelled.
	ChoiceCancel = Choice(cabi.ChoiceCancel)

	// ChoiceValue is between values: which of the NaNs a guest gets, whether an
	// error-context keeps its message.
	ChoiceValue = Choice(cabi.ChoiceValue)
)

var choices = [...]string{
	ChoiceThread: "which thread goes on",
	ChoiceWait:   "whether a thread waits for what has come",
	ChoiceYield:  "whether a thread that yields goes on",
	ChoiceEvent:  "which event comes first",
	ChoiceCancel: "which thread learns of a cancellation",
	ChoiceValue:  "which value is made",
}

// String says what is chosen, as in "which thread goes on".
func (c Choice) String() string {
	if int(c) >= len(choices) {
		return "unknown"
	}
	return choices[c]
}
