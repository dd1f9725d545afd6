package main

// exitTrap is the status of a process that called abort.
const exitTrap = 3
