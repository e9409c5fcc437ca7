// Go's own Shutdown, as its documentation shows; "tuned" waits for the balancer first.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	http.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(400 * time.Millisecond)
		fmt.Fprintln(w, "slow")
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, "ok")
	})
	server := http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT")}
	isTuned := len(os.Args) > 1 && os.Args[1] == "tuned"
	if isTuned {
		server.ReadHeaderTimeout = 2 * time.Second
	}

	closed := make(chan struct{})
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		<-signals
		if isTuned {
			time.Sleep(1500 * time.Millisecond)
		}
		if err := server.Shutdown(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "shutdown:", err)
		}
		close(closed)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-closed
}
