using System.Security.Cryptography;

namespace Elysium.Backend.Database;

/// <summary>
/// Seals private keys for the database with AES-256-GCM, bound to what they belong to. The sealing keys stand in a file outside the
/// database, so that a copy of the database alone gives no hub and no CA away. The first key of the file seals; all of them open.
/// Format 2: 2 · key id (4) · nonce (12) · tag (16) · ciphertext. Format 1, of version 0.1.0, has no key id.
/// </summary>
internal sealed class KeySealer(IReadOnlyList<SealingKey> keys, string source) : IDisposable
{
    private const byte WithoutId = 1;
    private const byte WithId = 2;
    private const int Overhead = SealingKey.NonceLength + SealingKey.TagLength;

    /// <summary>The file that the keys are from, for messages.</summary>
    public string Source => source;

    /// <summary>The key that seals.</summary>
    public SealingKey First => keys[0];

    public byte[] Seal(ReadOnlySpan<byte> secret, Guid owner)
    {
        var blob = new byte[1 + SealingKey.IdLength + Overhead + secret.Length];
        blob[0] = WithId;
        First.Id.CopyTo(blob.AsSpan(1));
        First.Encrypt(secret, owner, blob.AsSpan(1 + SealingKey.IdLength));
        return blob;
    }

    /// <exception cref="CryptographicException">The blob was not sealed for this owner with a key that we have; the message says what to do.</exception>
    public byte[] Open(ReadOnlySpan<byte> blob, Guid owner) => blob switch
    {
        [WithoutId, .. var rest] when rest.Length >= Overhead => OpenWith(keys, rest, owner, keys.Count == 1 ? "the key" : "each of the keys"),
        [WithId, .. var rest] when rest.Length >= SealingKey.IdLength + Overhead => OpenNamed(rest[..SealingKey.IdLength], rest[SealingKey.IdLength..], owner),
        _ => throw new CryptographicException("it is damaged, or sealed by a newer version of elysium-backend"),
    };

    /// <summary>Which key a blob says it is sealed with; null when its format does not say.</summary>
    public static string? KeyOf(ReadOnlySpan<byte> blob) =>
        blob is [WithId, ..] && blob.Length > SealingKey.IdLength ? Convert.ToHexStringLower(blob.Slice(1, SealingKey.IdLength)) : null;

    /// <summary>A key by its name, or null.</summary>
    public SealingKey? Find(string name) => keys.FirstOrDefault(key => key.Name == name);

    public void Dispose()
    {
        foreach (var key in keys)
        {
            key.Dispose();
        }
    }

    private byte[] OpenNamed(ReadOnlySpan<byte> id, ReadOnlySpan<byte> rest, Guid owner)
    {
        var named = new List<SealingKey>(1);
        foreach (var key in keys)
        {
            if (key.Id.SequenceEqual(id))
            {
                named.Add(key);
            }
        }

        var name = Convert.ToHexStringLower(id);
        return named.Count > 0
            ? OpenWith(named, rest, owner, $"key {name}")
            : throw new CryptographicException($"it is sealed with key {name}, which {source} does not have: add that key's line to the file");
    }

    private byte[] OpenWith(IReadOnlyList<SealingKey> candidates, ReadOnlySpan<byte> rest, Guid owner, string tried)
    {
        foreach (var key in candidates)
        {
            if (key.TryDecrypt(rest, owner) is { } secret)
            {
                return secret;
            }
        }

        throw new CryptographicException($"{tried} in {source} does not open it: it is damaged, or was sealed for something else");
    }
}
