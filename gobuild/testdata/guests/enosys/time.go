package main

import "time"

var fileTime = time.Unix(1, 0)
