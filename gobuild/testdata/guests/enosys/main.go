// Enosys calls what doesn't work yet.
package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
)

func main() {
	check := func(name string, err error) {
		fmt.Println(name, errors.Is(err, syscall.ENOSYS), err)
	}
	_, err := os.Open("file")
	check("open", err)
	check("mkdir", os.Mkdir("dir", 0o777))
	_, err = os.ReadDir(".")
	check("readdir", err)
	_, err = os.Stat("file")
	check("stat", err)
	check("remove", os.Remove("file"))
	check("rename", os.Rename("a", "b"))
	check("symlink", os.Symlink("a", "b"))
	check("chtimes", os.Chtimes("a", fileTime, fileTime))
	_, err = os.Getwd()
	check("getwd", err)
	_, err = net.Dial("tcp", "127.0.0.1:80")
	check("dial", err)
	_, err = net.Listen("tcp", "127.0.0.1:0")
	check("listen", err)
	_, err = net.ListenPacket("udp", "127.0.0.1:0")
	check("listen udp", err)
	_, err = net.LookupHost("example.com")
	check("lookup", err)
	_, err = http.Get("http://127.0.0.1/")
	check("http", err)
	info, err := os.Stdout.Stat()
	fmt.Println("stdout", info.Mode()&os.ModeCharDevice == 0, err)
}
