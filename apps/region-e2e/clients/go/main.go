// Runs IBM's own Go client against a region and prints, as one JSON object, what it got. It judges nothing: the test does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	kp "github.com/IBM/keyprotect-go-client"
)

// seen is what a story saw, under names that the test reads.
type seen map[string]interface{}

// story calls the region and notes what came back. An error it did not expect ends it.
type story func(ctx context.Context, client *kp.Client, notes seen) error

var stories = map[string]story{
	"life":     lifeOfKeys,
	"organise": organiseKeys,
	"list":     listKeys,
	"import":   importKey,
	"create":   createOnce,
}

func main() {
	if len(os.Args) != 2 || stories[os.Args[1]] == nil {
		fail(errors.New("usage: client STORY"))
	}
	client, err := kp.New(kp.ClientConfig{
		BaseURL:    os.Getenv("KEY_PROTECT_URL"),
		TokenURL:   os.Getenv("KEY_PROTECT_TOKEN_URL"),
		APIKey:     os.Getenv("KEY_PROTECT_API_KEY"),
		InstanceID: os.Getenv("KEY_PROTECT_INSTANCE_ID"),
		Verbose:    kp.VerboseFailOnly,
	}, nil)
	if err != nil {
		fail(err)
	}
	client.Logger = kp.NewLogger(func(words ...interface{}) { fmt.Fprintln(os.Stderr, words...) })
	notes := seen{}
	if err := stories[os.Args[1]](context.Background(), client, notes); err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(notes); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// refusal gives status and reason code of an error that the service answered.
func refusal(err error) seen {
	var refused *kp.Error
	if !errors.As(err, &refused) {
		return seen{"error": fmt.Sprint(err)}
	}
	found := seen{"status": refused.StatusCode, "message": refused.Message}
	if len(refused.Reasons) > 0 {
		found["code"] = refused.Reasons[0].Code
	}
	return found
}
