package main

import (
	"context"
	"encoding/base64"
	"os"

	kp "github.com/IBM/keyprotect-go-client"
)

// lifeOfKeys makes keys of every kind, uses them, and takes one to its end.
func lifeOfKeys(ctx context.Context, client *kp.Client, notes seen) error {
	key, err := client.CreateRootKey(ctx, "go root", nil)
	if err != nil {
		return err
	}
	notes["created"] = key
	aad := &[]string{"first", "second"}
	dek, wrapped, err := client.WrapCreateDEK(ctx, key.ID, aad)
	if err != nil {
		return err
	}
	notes["dek"] = string(dek)
	_, err = client.Unwrap(ctx, key.ID, wrapped, &[]string{"second", "first"})
	notes["wrongAad"] = refusal(err)
	if err := client.Rotate(ctx, key.ID, ""); err != nil {
		return err
	}
	opened, rewrapped, err := client.UnwrapV2(ctx, key.ID, wrapped, aad)
	if err != nil {
		return err
	}
	notes["unwrapped"], notes["rewrapped"] = string(opened), string(rewrapped) != ""
	notes["rotatedAgain"] = refusal(client.Rotate(ctx, key.ID, ""))
	isTotalWanted := true
	versions, err := client.ListKeyVersions(ctx, key.ID, &kp.ListKeyVersionsOptions{TotalCount: &isTotalWanted})
	if err != nil {
		return err
	}
	notes["versions"] = versions
	if err := client.DisableKey(ctx, key.ID); err != nil {
		return err
	}
	_, err = client.Unwrap(ctx, key.ID, wrapped, aad)
	notes["whileDisabled"] = refusal(err)
	notes["enabledEarly"] = refusal(client.EnableKey(ctx, key.ID))
	if notes["metadata"], err = client.GetKeyMetadata(ctx, key.ID); err != nil {
		return err
	}
	if notes["deleted"], err = client.DeleteKey(ctx, key.ID, kp.ReturnRepresentation); err != nil {
		return err
	}
	_, err = client.DeleteKey(ctx, key.ID, kp.ReturnMinimal)
	notes["deletedAgain"] = refusal(err)
	_, err = client.RestoreKey(ctx, key.ID)
	notes["restoredEarly"] = refusal(err)
	_, err = client.GetKey(ctx, "00000000-0000-4000-8000-000000000000")
	notes["unknown"] = refusal(err)
	return standardKeys(ctx, client, notes)
}

func standardKeys(ctx context.Context, client *kp.Client, notes seen) error {
	payload := base64.StdEncoding.EncodeToString([]byte("a password"))
	imported, err := client.CreateImportedStandardKey(ctx, "go secret", nil, payload)
	if err != nil {
		return err
	}
	read, err := client.GetKey(ctx, imported.ID)
	if err != nil {
		return err
	}
	notes["payload"] = read.Payload
	_, err = client.WrapCreateDEKV2(ctx, imported.ID, nil)
	notes["standardWrap"] = refusal(err)
	return nil
}

// createOnce makes the key that the test will look for: the client's own retries are the story.
func createOnce(ctx context.Context, client *kp.Client, notes seen) error {
	key, err := client.CreateRootKey(ctx, os.Getenv("KEY_NAME"), nil)
	notes["created"] = key
	return err
}
