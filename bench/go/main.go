// A server with one slow request, stopped by Go's own Shutdown: what bench/last-byte.js compares with.
// Speaks over stdin and stdout: "listening <port>", "arrived"; "stop", "answer"; "done <ns>" by the
// kernel's monotonic clock, which every process reads alike.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"unsafe"
)

func monotonic() int64 {
	var at syscall.Timespec
	const clockMonotonic = 1
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&at)), 0)
	return at.Nano()
}

func main() {
	answer := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Println("arrived")
		<-answer
		fmt.Fprint(w, "last")
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	go serve(server, listener)
	done := make(chan struct{})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "stop":
			go func() {
				server.Shutdown(context.Background())
				fmt.Printf("done %d\n", monotonic())
				close(done)
			}()
		case "answer":
			close(answer)
			<-done
			return
		}
	}
}

// HTTP/2 where a certificate is given: the standard library speaks it over TLS alone.
func serve(server *http.Server, listener net.Listener) {
	if len(os.Args) < 3 {
		server.Serve(listener)
		return
	}
	server.TLSConfig = &tls.Config{NextProtos: []string{"h2"}}
	server.ServeTLS(listener, os.Args[1], os.Args[2])
}
