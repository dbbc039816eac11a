using System.Security.Cryptography;
using Elysium.Backend.Database;

namespace Elysium.Backend.Tests.Database;

public sealed class SealingTests : IDisposable
{
    private static readonly Guid Owner = Guid.Parse("0199aabb-ccdd-7eef-8012-3456789abcde");
    private static readonly byte[] Secret = [.. Enumerable.Range(200, 32).Select(i => (byte)i)];

    /// <summary>The key 00 01 … 1f, and what another implementation of AES-GCM (Python's cryptography) sealed with it.</summary>
    private const string KnownKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private const string KnownFormat1 = "016465666768696a6b6c6d6e6fcda2de4f59de25bda210f7f084d6d70380d214adb5249851eeb38d3b0eb0bc2a9a1bdcd157b12dad47304eab1f4643af";
    private const string KnownFormat2 = "02630dcd296465666768696a6b6c6d6e6fcda2de4f59de25bda210f7f084d6d70380d214adb5249851eeb38d3b0eb0bc2a9a1bdcd157b12dad47304eab1f4643af";

    private readonly string _folder = Directory.CreateTempSubdirectory("elysium-sealing-test-").FullName;

    [Theory]
    [InlineData(KnownFormat1)]
    [InlineData(KnownFormat2)]
    public void What_was_sealed_in_the_database_of_any_version_opens(string blob)
    {
        using var sealer = Read(SealingKey.NewLine(), KnownKey);

        sealer.Open(Convert.FromHexString(blob), Owner).ShouldBe(Secret);
    }

    [Fact]
    public void The_first_key_of_the_file_seals_and_is_named_in_what_it_sealed()
    {
        using var sealer = Read("# since March", KnownKey, "", SealingKey.NewLine());

        var blob = sealer.Seal(Secret, Owner);

        Convert.ToHexStringLower(blob).ShouldStartWith("02630dcd29");
        blob.Length.ShouldBe(Secret.Length + 33);
        KeySealer.KeyOf(blob).ShouldBe("630dcd29");
        sealer.First.Name.ShouldBe("630dcd29");
        sealer.Seal(Secret, Owner).ShouldNotBe(blob);
    }

    [Fact]
    public void A_key_file_of_version_0_1_0_is_32_raw_bytes()
    {
        var path = Write([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

        using var sealer = SealingKeyFile.Read(path).Value;

        sealer.Open(Convert.FromHexString(KnownFormat1), Owner).ShouldBe(Secret);
    }

    [Fact]
    public void After_a_rotation_the_old_key_opens_until_its_line_is_removed()
    {
        var (old, @new) = (SealingKey.NewLine(), SealingKey.NewLine());
        using var before = Read(old);
        var blob = before.Seal(Secret, Owner);

        using var during = Read(@new, old);
        during.Open(blob, Owner).ShouldBe(Secret);
        KeySealer.KeyOf(during.Seal(Secret, Owner)).ShouldNotBe(before.First.Name);

        using var after = Read(@new);
        Should.Throw<CryptographicException>(() => after.Open(blob, Owner)).Message
            .ShouldBe($"it is sealed with key {before.First.Name}, which {after.Source} does not have: add that key's line to the file");
    }

    [Theory]
    [InlineData(KnownFormat1)]
    [InlineData(KnownFormat2)]
    public void No_flipped_bit_and_no_missing_byte_goes_unnoticed(string hex)
    {
        using var sealer = Read(KnownKey);
        var blob = Convert.FromHexString(hex);

        for (var bit = 0; bit < blob.Length * 8; bit++)
        {
            byte[] flipped = [.. blob];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<CryptographicException>(() => sealer.Open(flipped, Owner), $"bit {bit}");
        }

        for (var length = 0; length < blob.Length; length++)
        {
            Should.Throw<CryptographicException>(() => sealer.Open(blob.AsSpan(0, length), Owner), $"the first {length} bytes");
        }

        Should.Throw<CryptographicException>(() => sealer.Open([.. blob, 0], Owner));
    }

    [Fact]
    public void What_is_sealed_for_one_owner_does_not_open_for_another_nor_with_another_key()
    {
        using var sealer = Read(KnownKey);
        using var other = Read(SealingKey.NewLine());
        var blob = sealer.Seal(Secret, Owner);

        Should.Throw<CryptographicException>(() => sealer.Open(blob, Guid.Empty)).Message.ShouldContain("key 630dcd29");
        Should.Throw<CryptographicException>(() => other.Open(blob, Owner));
        Should.Throw<CryptographicException>(() => other.Open(Convert.FromHexString(KnownFormat1), Owner));

        // Under the name of a key that is there.
        other.First.Id.CopyTo(blob.AsSpan(1));
        Should.Throw<CryptographicException>(() => other.Open(blob, Owner));
    }

    [Theory]
    [InlineData("", "holds no key")]
    [InlineData("# only a comment\n", "holds no key")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n", "Line 1 ")]
    [InlineData("# a\n\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIA==\n", "Line 3 ")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", "Line 1 ")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= my key\n", "Line 1 ")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "Line 2 of .* same key as line 1")]
    [InlineData("\0\u0001\u0002", "Line 1 ")]
    public void A_file_that_is_no_list_of_keys_is_refused_by_line_without_telling_what_stands_there(string text, string told)
    {
        var path = Write(System.Text.Encoding.Latin1.GetBytes(text));

        var detail = SealingKeyFile.Read(path).Refusal!.Detail;

        detail.ShouldMatch(told);
        detail.ShouldContain(path);
        detail.ShouldNotContain("AAECAw");
        detail.ShouldNotContain("000102");
    }

    [Fact]
    public void A_file_that_others_can_read_that_is_not_there_or_that_is_huge_is_refused()
    {
        var path = Write(System.Text.Encoding.ASCII.GetBytes(KnownKey));
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        SealingKeyFile.Read(path).Refusal!.Detail.ShouldContain("mode 644");
        File.SetUnixFileMode(path, (UnixFileMode)0b100_100_000);
        SealingKeyFile.Read(path).Value.Dispose();

        SealingKeyFile.Read(Path.Combine(_folder, "nowhere")).Refusal!.Detail.ShouldContain("There is no sealing key file");
        SealingKeyFile.Read(_folder).Refusal!.Detail.ShouldContain("is a folder");
        SealingKeyFile.Read(Write(new byte[1 << 20])).Refusal!.Detail.ShouldContain("1048576 bytes");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private KeySealer Read(params string[] lines) => SealingKeyFile.Read(Write(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines)))).Value;

    private string Write(byte[] content)
    {
        var path = Path.Combine(_folder, Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString());
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
