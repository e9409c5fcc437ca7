// Reads one answer and says whether it was whole.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	answer, err := http.Get(os.Args[1])
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
	}
	if err != nil {
		fmt.Println("torn:", err)
		return
	}
	fmt.Println("whole")
}
