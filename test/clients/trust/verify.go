// Connects with Go's system roots; prints what the server says.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"os"
)

func main() {
	connection, err := tls.Dial("tcp", "127.0.0.1:"+os.Args[2], &tls.Config{ServerName: os.Args[1]})
	if err == nil {
		fmt.Fprint(connection, "GET / HTTP/1.1\r\n\r\n")
		var answer []byte
		answer, err = io.ReadAll(connection)
		fmt.Print(string(answer))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
