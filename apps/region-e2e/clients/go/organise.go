package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	kp "github.com/IBM/keyprotect-go-client"
)

// organiseKeys names a key, moves it between rings, and sets its policies.
func organiseKeys(ctx context.Context, client *kp.Client, notes seen) error {
	unique := fmt.Sprintf("go-%d", time.Now().UnixNano())
	key, err := client.CreateKeyWithOptions(ctx, "go organised", false,
		kp.WithAliases([]string{unique}), kp.WithTags([]string{"made by go"}), kp.WithDescription("made by the Go client"))
	if err != nil {
		return err
	}
	notes["created"] = key
	if _, err := client.CreateKeyAlias(ctx, unique+"-second", unique); err != nil {
		return err
	}
	if notes["named"], err = client.GetKeyMetadata(ctx, unique+"-second"); err != nil {
		return err
	}
	if err := client.DeleteKeyAlias(ctx, unique+"-second", key.ID); err != nil {
		return err
	}
	_, err = client.GetKeyMetadata(ctx, unique+"-second")
	notes["aliasGone"] = refusal(err)
	if err := client.CreateKeyRing(ctx, unique); err != nil {
		return err
	}
	if notes["moved"], err = client.SetKeyRing(ctx, key.ID, unique); err != nil {
		return err
	}
	rings, err := client.GetKeyRings(ctx)
	if err != nil {
		return err
	}
	for _, ring := range rings.KeyRings {
		notes["ringListed"] = notes["ringListed"] == true || ring.ID == unique
	}
	notes["ringInUse"] = refusal(client.DeleteKeyRing(ctx, unique))
	if _, err := client.SetKeyRing(ctx, unique, "default"); err != nil {
		return err
	}
	if err := client.DeleteKeyRing(ctx, unique); err != nil {
		return err
	}
	return policiesOf(ctx, client, key.ID, notes)
}

func policiesOf(ctx context.Context, client *kp.Client, id string, notes seen) error {
	_, err := client.SetRotationPolicy(ctx, id, 0)
	notes["rotationEveryZeroMonths"] = refusal(err)
	if _, err := client.SetRotationPolicy(ctx, id, 3); err != nil {
		return err
	}
	if _, err := client.SetDualAuthDeletePolicy(ctx, id, true); err != nil {
		return err
	}
	if notes["policies"], err = client.GetPolicies(ctx, id); err != nil {
		return err
	}
	_, err = client.DeleteKey(ctx, id, kp.ReturnMinimal)
	notes["deletedAlone"] = refusal(err)
	if err := client.InitiateDualAuthDelete(ctx, id); err != nil {
		return err
	}
	return client.CancelDualAuthDelete(ctx, id)
}

// listKeys looks for one key among others with the client's own options and filter builder.
func listKeys(ctx context.Context, client *kp.Client, notes seen) error {
	name := fmt.Sprintf("go-found-%d", time.Now().UnixNano())
	key, err := client.CreateStandardKey(ctx, name, nil)
	if err != nil {
		return err
	}
	notes["id"] = key.ID
	earlier := time.Now().Add(-time.Hour)
	isExtractable, limit := true, uint32(10)
	search, sort := name, "-creationDate,name"
	filter := kp.GetFilterQueryBuilder().CreationDate().GreaterThan(earlier).Extractable(true).State([]kp.KeyState{kp.Active}).Build()
	options := map[string]*kp.ListKeysOptions{
		"bySearch":      {Search: &search},
		"byExactSearch": {Search: stringOf("exact:name:" + name)},
		"byFilter":      {Search: &search, Filter: &filter, Limit: &limit},
		"byState":       {Search: &search, State: []kp.KeyState{kp.Active, kp.Destroyed}, Extractable: &isExtractable},
	}
	for label, option := range options {
		found, err := client.ListKeys(ctx, option)
		if err != nil {
			return fmt.Errorf("%s: %w", label, err)
		}
		notes[label] = idsOf(found)
	}
	_, err = client.ListKeys(ctx, &kp.ListKeysOptions{Sort: &sort})
	notes["badSort"] = refusal(err)
	none := uint32(0)
	_, err = client.ListKeys(ctx, &kp.ListKeysOptions{Limit: &none})
	notes["limitZero"] = refusal(err)
	registrations, err := client.ListRegistrations(ctx, key.ID, "")
	if err != nil {
		return err
	}
	notes["registrations"] = len(registrations.Registrations)
	return nil
}

// importKey follows the vendor's documented flow: token, transport key, wrapped material, encrypted nonce.
func importKey(ctx context.Context, client *kp.Client, notes seen) error {
	material := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	token, err := client.CreateImportToken(ctx, 600, 1)
	if err != nil {
		return err
	}
	notes["token"] = token
	transport, err := client.GetImportTokenTransportKey(ctx)
	if err != nil {
		return err
	}
	payload, err := kp.EncryptKey(material, transport.Payload)
	if err != nil {
		return err
	}
	nonce, iv, err := kp.EncryptNonce(material, transport.Nonce, "")
	if err != nil {
		return err
	}
	key, err := client.CreateImportedRootKey(ctx, "go imported", nil, payload, nonce, iv)
	if err != nil {
		return err
	}
	notes["imported"] = key
	wrapped, err := client.Wrap(ctx, key.ID, []byte("c2VjcmV0"), nil)
	if err != nil {
		return err
	}
	opened, err := client.Unwrap(ctx, key.ID, wrapped, nil)
	notes["unwrapped"] = string(opened)
	return err
}

func idsOf(found *kp.Keys) []string {
	ids := make([]string, 0, len(found.Keys))
	for _, key := range found.Keys {
		ids = append(ids, key.ID)
	}
	return ids
}

func stringOf(value string) *string { return &value }
