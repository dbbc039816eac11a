using System.Security.Cryptography;
using Elysium.Backend.Hosting;

namespace Elysium.Backend.Database;

/// <summary>
/// Seals private keys for the database with AES-256-GCM: format 1 · nonce (12) · tag (16) · ciphertext, bound to what it belongs to.
/// The key stands in the data folder, outside the database, so that a copy of the database alone gives no hub away.
/// </summary>
internal sealed class KeySealer : IDisposable
{
    private const byte Format = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly AesGcm _cipher;

    public KeySealer(string keyFile)
    {
        if (!File.Exists(keyFile))
        {
            DataDirectory.WriteSecret(keyFile, RandomNumberGenerator.GetBytes(32));
        }

        _cipher = new AesGcm(File.ReadAllBytes(keyFile), TagLength);
    }

    public byte[] Seal(ReadOnlySpan<byte> secret, Guid owner)
    {
        var blob = new byte[1 + NonceLength + TagLength + secret.Length];
        blob[0] = Format;
        var nonce = blob.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        lock (_cipher)
        {
            _cipher.Encrypt(nonce, secret, blob.AsSpan(1 + NonceLength + TagLength), blob.AsSpan(1 + NonceLength, TagLength), owner.ToByteArray());
        }

        return blob;
    }

    /// <exception cref="CryptographicException">The blob was not sealed for this owner with this installation's key.</exception>
    public byte[] Open(ReadOnlySpan<byte> blob, Guid owner)
    {
        if (blob.Length < 1 + NonceLength + TagLength || blob[0] != Format)
        {
            throw new CryptographicException("A sealed key in the database has an unknown format.");
        }

        var secret = new byte[blob.Length - 1 - NonceLength - TagLength];
        lock (_cipher)
        {
            _cipher.Decrypt(blob.Slice(1, NonceLength), blob[(1 + NonceLength + TagLength)..], blob.Slice(1 + NonceLength, TagLength), secret, owner.ToByteArray());
        }

        return secret;
    }

    public void Dispose() => _cipher.Dispose();
}
