using System.Security.Cryptography;

namespace Elysium.Backend.Database;

/// <summary>One key that private keys are sealed with, and the id by which a sealed one names it.</summary>
internal sealed class SealingKey : IDisposable
{
    public const int Length = 32;
    public const int IdLength = 4;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    private readonly AesGcm _cipher;
    private readonly byte[] _id;
    private readonly byte[] _proofKey;

    public SealingKey(ReadOnlySpan<byte> key)
    {
        _cipher = new AesGcm(key, TagLength);
        _id = SHA256.HashData(key)[..IdLength];
        _proofKey = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, _proofKey, [], "elysium proof"u8);
    }

    /// <summary>The first four bytes of the key's SHA-256: tells which key is meant, and nothing of the key.</summary>
    public ReadOnlySpan<byte> Id => _id;

    public string Name => Convert.ToHexStringLower(_id);

    public static string NewLine()
    {
        Span<byte> key = stackalloc byte[Length];
        RandomNumberGenerator.Fill(key);
        var line = Convert.ToBase64String(key);
        CryptographicOperations.ZeroMemory(key);
        return line;
    }

    /// <summary>Fills nonce, tag and ciphertext, which lie one behind the other.</summary>
    public void Encrypt(ReadOnlySpan<byte> secret, Guid owner, Span<byte> into)
    {
        var nonce = into[..NonceLength];
        RandomNumberGenerator.Fill(nonce);
        lock (_cipher)
        {
            _cipher.Encrypt(nonce, secret, into[(NonceLength + TagLength)..], into.Slice(NonceLength, TagLength), owner.ToByteArray());
        }
    }

    /// <summary>The secret, or null when it was not sealed with this key for this owner, or is damaged.</summary>
    public byte[]? TryDecrypt(ReadOnlySpan<byte> from, Guid owner)
    {
        var secret = new byte[from.Length - NonceLength - TagLength];
        try
        {
            lock (_cipher)
            {
                _cipher.Decrypt(from[..NonceLength], from[(NonceLength + TagLength)..], from.Slice(NonceLength, TagLength), secret, owner.ToByteArray());
            }

            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Proves that whoever wrote something held this key: HMAC-SHA256, under a key of its own.</summary>
    public byte[] Prove(ReadOnlySpan<byte> what) => HMACSHA256.HashData(_proofKey, what);

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_proofKey);
    }
}
