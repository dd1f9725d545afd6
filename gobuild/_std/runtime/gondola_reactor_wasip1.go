package runtime

// gondolaCommand tells whether the component runs func main as wasi:cli/run.
const gondolaCommand = false

func gondolaAwaitRun() {}

func gondolaReturn() {}
