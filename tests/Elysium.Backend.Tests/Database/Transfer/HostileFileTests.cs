using System.Text;
using Elysium.Backend.Database;

namespace Elysium.Backend.Tests.Database.Transfer;

[Trait(TestEngine.Trait, TestEngine.Sqlite)]
public sealed class HostileFileTests(TransferFixture fixture) : IClassFixture<TransferFixture>
{
    private List<string> Lines => TransferFixture.Lines(fixture.File);

    [Fact]
    public async Task The_file_as_it_was_written_is_good_and_so_is_one_that_was_packed_anew()
    {
        (await fixture.CheckAsync(fixture.File)).ShouldBeNull();
        (await fixture.CheckAsync(TransferFixture.Pack(Lines))).ShouldBeNull();
        fixture.Forge(Lines).ShouldBe(TransferFixture.Pack(Lines), "or the tests below prove nothing");
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_refused_wherever_it_was_cut()
    {
        for (var length = 0; length < fixture.File.Length; length++)
        {
            (await fixture.CheckAsync(fixture.File[..length])).ShouldNotBeNull($"the first {length} of {fixture.File.Length} bytes").ShouldStartWith("line ");
        }

        // And cut before it was packed: between two lines and in them.
        var text = string.Join('\n', Lines) + "\n";
        for (var length = 0; length < text.Length; length += 7)
        {
            (await fixture.CheckAsync(TransferFixture.Pack(text[..length]))).ShouldNotBeNull($"the first {length} of {text.Length} characters");
        }
    }

    [Fact]
    public async Task No_changed_byte_goes_unnoticed()
    {
        for (var at = 0; at < fixture.File.Length; at++)
        {
            byte[] changed = [.. fixture.File];
            changed[at] ^= 0x10;
            if (await fixture.CheckAsync(changed) is null)
            {
                // Some bits of gzip say nothing: the time in its header, what fills up a byte.
                TransferFixture.Lines(changed).ShouldBe(Lines, $"byte {at}");
            }
        }

        var text = Encoding.UTF8.GetBytes(string.Join('\n', Lines) + "\n");
        for (var at = 0; at < text.Length; at += 5)
        {
            byte[] changed = [.. text];
            changed[at] ^= 0x01;
            (await fixture.CheckAsync(TransferFixture.Pack(Encoding.Latin1.GetString(changed)))).ShouldNotBeNull($"byte {at}");
        }
    }

    [Fact]
    public async Task Rows_that_were_added_removed_doubled_or_swapped_are_noticed()
    {
        var lines = Lines;
        var peer = lines.IndexOf("{\"table\":\"peers\"}") + 1;

        (await fixture.CheckAsync(TransferFixture.Pack([.. lines[..peer], lines[peer], .. lines[peer..]]))).ShouldNotBeNull().ShouldContain("'peers' has 3 rows");
        (await fixture.CheckAsync(TransferFixture.Pack([.. lines[..peer], .. lines[(peer + 1)..]]))).ShouldNotBeNull().ShouldContain("'peers' has 1 rows");
        (await fixture.CheckAsync(TransferFixture.Pack([.. lines[..peer], lines[peer + 1], lines[peer], .. lines[(peer + 2)..]]))).ShouldNotBeNull().ShouldContain("the file was changed");
        (await fixture.CheckAsync(TransferFixture.Pack([.. lines, lines[^1]]))).ShouldNotBeNull().ShouldContain("should have ended");
        (await fixture.CheckAsync([.. fixture.File, 1, 2, 3])).ShouldNotBeNull().ShouldContain("behind its end");
        (await fixture.CheckAsync([.. fixture.File, .. fixture.File])).ShouldNotBeNull().ShouldContain("should have ended");
    }

    [Fact]
    public async Task An_edited_file_whose_sums_were_made_to_fit_is_noticed_by_its_seal()
    {
        using var other = new SealingKey(new byte[32]);
        var lines = Lines;
        var token = lines.FindIndex(l => l.Contains("\"auditor\""));
        lines[token] = lines[token].Replace("auditor", "admin");

        (await fixture.CheckAsync(fixture.Forge(lines, other))).ShouldNotBeNull().ShouldContain("the seal");
        (await fixture.CheckAsync(fixture.Forge(lines))).ShouldBeNull("who has the sealing key has the installation");
    }

    [Theory]
    [InlineData("", "line 1: ")]
    [InlineData("\n", "line 1: .*not written by")]
    [InlineData("{}\n", "line 1: .*not written by")]
    [InlineData("[1]\n", "line 1: .*not written by")]
    [InlineData("hello", "line 1: .*cut off")]
    [InlineData("{\"format\":\"other\",\"version\":1}\n", "line 1: .*not written by")]
    [InlineData("{\"format\":\"elysium-export\",\"version\":1}\n", "line 1: .*not written by")]
    [InlineData("{\"format\":\"elysium-export\",\"version\":2,\"new\":true}\n", "line 1: .*format 2")]
    [InlineData("{\"format\":\"elysium-export\",\"version\":99999999999}\n", "line 1: .*not written by")]
    public async Task What_was_not_exported_by_this_version_is_refused_at_its_first_line(string text, string told) =>
        (await fixture.CheckAsync(TransferFixture.Pack(text))).ShouldNotBeNull().ShouldMatch(told);

    [Fact]
    public async Task What_is_no_gzip_file_is_refused()
    {
        (await fixture.CheckAsync(Encoding.UTF8.GetBytes(string.Join('\n', Lines)))).ShouldNotBeNull().ShouldContain("gzip");
        (await fixture.CheckAsync([])).ShouldNotBeNull();
        (await fixture.CheckAsync(new byte[10_000])).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_line_without_an_end_is_refused_before_it_fills_the_memory()
    {
        var lines = Lines;

        (await fixture.CheckAsync(TransferFixture.Pack(new string('x', 300_000_000)))).ShouldBe("line 1: it is longer than 1024 KiB");
        (await fixture.CheckAsync(TransferFixture.Pack([.. lines[..2], $"[\"{new string('x', 2_000_000)}\"]", .. lines[2..]]))).ShouldBe("line 3: it is longer than 1024 KiB");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1,2,3]")]
    [InlineData("[\"no id\",null]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("[\"")]
    [InlineData("[{}]")]
    public async Task A_line_that_is_no_row_of_its_table_is_refused_by_number(string row)
    {
        var lines = Lines;

        (await fixture.CheckAsync(fixture.Forge([.. lines[..2], row, .. lines[2..]]))).ShouldNotBeNull().ShouldBe("line 3: it is no row of table 'api_tokens'");
    }

    [Fact]
    public async Task A_missing_unknown_or_moved_table_is_refused()
    {
        var lines = Lines;
        var at = lines.IndexOf("{\"table\":\"peer_presence\"}");

        (await fixture.CheckAsync(fixture.Forge([.. lines[..at], lines[^1]]))).ShouldNotBeNull().ShouldContain("table 'peer_presence' should begin here");
        (await fixture.CheckAsync(fixture.Forge([.. lines[..^1], "{\"table\":\"users\"}", lines[^1]]))).ShouldNotBeNull().ShouldContain("neither a row");
        (await fixture.CheckAsync(fixture.Forge([.. lines[..1], .. lines[at..^1], .. lines[1..at], lines[^1]]))).ShouldNotBeNull().ShouldContain("line 2: table 'api_tokens' should begin");
        (await fixture.CheckAsync(fixture.Forge([lines[0].Replace("\"secret_hash\"", "\"secret\""), .. lines[1..]]))).ShouldNotBeNull().ShouldContain("other tables or columns");
    }

    [Fact]
    public async Task A_file_of_another_installation_is_refused_with_the_name_of_the_key_that_is_missing()
    {
        using var other = new KeySealer([new SealingKey(new byte[32])], "/etc/other.key");

        (await fixture.CheckAsync(fixture.File, other)).ShouldBe(
            $"line 1: it was exported with sealing key {fixture.Sealer.First.Name}, which /etc/other.key does not have: put the installation's sealing key file there");
    }

    [Fact]
    public async Task Sealed_keys_that_do_not_open_or_were_swapped_are_refused_by_line()
    {
        var lines = Lines;
        var first = lines.IndexOf("{\"table\":\"networks\"}") + 1;
        var (one, two) = (lines[first].Split(','), lines[first + 1].Split(','));
        var sealedAt = Array.FindIndex(one, part => part.StartsWith("\"Am", StringComparison.Ordinal) || part.Length > 80);
        (one[sealedAt], two[sealedAt]) = (two[sealedAt], one[sealedAt]);

        (await fixture.CheckAsync(fixture.Forge([.. lines[..first], string.Join(',', one), string.Join(',', two), .. lines[(first + 2)..]])))
            .ShouldNotBeNull().ShouldStartWith($"line {first + 1}: the private key in this row of 'networks' cannot be opened: key {fixture.Sealer.First.Name} in ");
    }
}
