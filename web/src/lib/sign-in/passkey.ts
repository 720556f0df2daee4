// Passkeys as the browser has them, and as JSON; not every browser converts them by itself yet.

/** Whether passkeys can be used on this page: over https or on this machine, by a name rather than a number. */
export const passkeysWork = (): boolean =>
  isSecureContext && typeof PublicKeyCredential !== "undefined" && !/^[\d.]+$|^\[/.test(location.hostname);

/** Whether the browser offers passkeys among what it fills in. */
export const passkeysFillIn = async (): Promise<boolean> =>
  passkeysWork() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const named = (list: PublicKeyCredentialDescriptorJSON[] = []) =>
  list.map(({ id, transports }) => ({
    type: "public-key" as const,
    id: toBytes(id),
    ...(transports ? { transports: transports as AuthenticatorTransport[] } : {}),
  }));

/** Makes a passkey; `undefined` when the person gave it up. */
export async function makePasskey(
  options: PublicKeyCredentialCreationOptionsJSON,
): Promise<object | undefined> {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = await willingly(() => navigator.credentials.create({ publicKey }));
  if (!made) return undefined;
  const { response, rawId } = made as PublicKeyCredential & { response: AuthenticatorAttestationResponse };
  return {
    id: toText(rawId),
    type: "public-key",
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Asks for a passkey, or waits until one is chosen among what the browser fills in; `undefined` when there is none. */
export async function showPasskey(
  options: PublicKeyCredentialRequestOptionsJSON,
  waiting?: AbortSignal,
): Promise<object | undefined> {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: named(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const asked: CredentialRequestOptions = waiting
    ? { publicKey, mediation: "conditional", signal: waiting }
    : { publicKey };
  const shown = await willingly(() => navigator.credentials.get(asked));
  if (!shown) return undefined;
  const { response, rawId } = shown as PublicKeyCredential & { response: AuthenticatorAssertionResponse };
  return {
    id: toText(rawId),
    type: "public-key",
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      ...(response.userHandle ? { userHandle: toText(response.userHandle) } : {}),
    },
  };
}

/** Giving up is an answer; browsers do not tell it from having no passkey. */
async function willingly<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name))
      return undefined;
    throw error;
  }
}
