using System.Text;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class QuickConfigHostileTests
{
    private const string Secret = "QGFhYkJjY2REZUZmR2doSGlJamtKbExtTW5Ob09wUHE=";
    private const string Other = "UVJyU3NUdFV1VnZXd1h4WXlaejAwMTEyMjMzNDQ1NTY=";

    private const string File = $"""
        [Interface]
        PrivateKey = {Secret}
        Address = 10.0.0.1/24, fd00::1/64
        DNS = 10.0.0.53, corp.example
        ListenPort = 51820
        FwMark = 0xca6c
        PostUp = echo %i

        [Peer]
        PublicKey = GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=
        PresharedKey = {Other}
        AllowedIPs = 10.0.0.0/24, fd00::/64
        Endpoint = [2001:db8::1]:51820
        PersistentKeepalive = 25

        """;

    [Fact]
    public void Random_text_is_read_or_refused() => Gen.String.Sample(text => CheckNothingThrows(text));

    [Fact]
    public void A_file_with_anything_put_into_it_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, File.Length], Gen.Int[0, 60], Gen.String[Gen.OneOf(Gen.Char, QuickGen.Any([.. "[]=#,/:.%\n\r\0 0fx"])), 0, 12]).Sample((at, cut, put) =>
        {
            cut = Math.Min(cut, File.Length - at);
            CheckNothingThrows(string.Concat(File.AsSpan(0, at), put, File.AsSpan(at + cut)));
        });

    [Fact]
    public void No_altered_file_gets_a_secret_told()
    {
        for (var at = 0; at < File.Length; at++)
        {
            foreach (var put in (ReadOnlySpan<string>)["", "\n", "=", "[", "#", "é", "x", " = ", "Endpoint="])
            {
                var altered = string.Concat(File.AsSpan(0, at), put, File.AsSpan(at + 1));
                if (!QuickConfig.TryParse(altered, out _, out var error))
                {
                    ShouldTellNoPart(error.ToString(), Secret);
                    ShouldTellNoPart(error.ToString(), Other);
                }
            }
        }
    }

    [Theory]
    [InlineData("Endpoint")]
    [InlineData("AllowedIPs")]
    [InlineData("PublicKey")]
    [InlineData("PersistentKeepalive")]
    [InlineData("PresharedKy")]
    public void A_key_in_the_wrong_place_is_not_told(string field)
    {
        QuickConfig.TryParse($"[Peer]\n{field} = {Secret[..40]}", out _, out var error).ShouldBeFalse();
        ShouldTellNoPart(error!.Message, Secret);
        QuickConfig.TryParse($"[Peer]\n{Secret}", out _, out error).ShouldBeFalse();
        ShouldTellNoPart(error!.Message, Secret);
    }

    [Fact]
    public void Very_long_files_and_lines_take_no_longer_than_their_length()
    {
        const int many = 1_000_000;
        var key = "PublicKey=GtL7fZc/bLnqZldpVofMCD6hDjrK28SsdLxevJ+qtKU=";
        string[] texts =
        [
            new(' ', many),
            new('[', many),
            new('=', many),
            new('\n', many),
            new string('[', many) + "\n" + new string('#', many),
            $"[Interface]\nListenPort={new string('0', many)}1",
            $"[Interface]\nFwMark=0x{new string('0', many)}1",
            $"[Interface]\n{new string('A', many)}=1",
            $"[Interface]\nPrivateKey={new string('A', many)}",
            $"[Interface]\nPostUp={new string('A', many)}",
            $"[Interface]\nAddress={new string(',', many)}",
            "[Interface]\n" + string.Concat(Enumerable.Repeat("Address=10.0.0.1\n", many / 10)),
            $"[Interface]\nDNS={string.Concat(Enumerable.Repeat("a.", many))}",
            $"[Peer]\n{key}\nEndpoint={new string('[', many)}",
            $"[Peer]\n{key}\nEndpoint={new string(':', many)}1",
            $"[Peer]\n{key}\nEndpoint={string.Concat(Enumerable.Repeat("a.", many))}:1",
            $"[Peer]\n{key}\nAllowedIPs={string.Concat(Enumerable.Repeat("1.1.1.1,", many / 10))}1.1.1.1",
            $"[Peer]\n{key}\n" + string.Concat(Enumerable.Repeat("AllowedIPs=::1\n", many / 10)),
            Peers(20_000),
        ];
        var started = TimeProvider.System.GetTimestamp();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        foreach (var text in texts)
        {
            _ = QuickConfig.TryParse(text, out _, out var error);
            (error?.Message.Length ?? 0).ShouldBeLessThan(300);
        }

        var characters = texts.Sum(text => (long)text.Length);
        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(20 * characters);

        // Anything quadratic would take hours.
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    private static string Peers(int count)
    {
        var text = new StringBuilder();
        var key = new byte[32];
        for (var i = 1; i <= count; i++)
        {
            (key[0], key[1], key[2]) = ((byte)i, (byte)(i >> 8), (byte)(i >> 16));
            text.Append($"[Peer]\nPublicKey={Convert.ToBase64String(key)}\nAllowedIPs=10.0.0.0/32\n");
        }

        return text.ToString();
    }

    private static void CheckNothingThrows(string text)
    {
        var good = QuickConfig.TryParse(text, out var config, out var error);
        good.ShouldBe(config is not null);
        good.ShouldBe(error is null);
        if (config is not null)
        {
            QuickConfig.TryParse(config.Format(), out var again, out error).ShouldBeTrue(error?.ToString());
            again!.Format().ShouldBe(config.Format());
        }
        else
        {
            error!.Line.ShouldBeInRange(1, text.Count(c => c == '\n') + 1);
        }
    }

    private static void ShouldTellNoPart(string message, string secret)
    {
        const int telling = 20;
        for (var i = 0; i + telling <= secret.Length; i++)
        {
            message.ShouldNotContain(secret.Substring(i, telling), Case.Sensitive);
        }
    }
}
