namespace Elysium.Tests.Documents;

public sealed class LibraryGuideTests
{
    /// <summary>The programs are built with everything else, and Elysium.Linux.Tests runs them.</summary>
    [Theory]
    [InlineData(0, "Devices")]
    [InlineData(1, "Files")]
    public void A_program_of_the_guide_is_the_one_that_is_built_word_for_word(int block, string example)
    {
        var blocks = Blocks(Repository.Read("docs/guides/use-the-library.md"));
        blocks.Count.ShouldBe(2);
        var program = $"tests/Elysium.Example.{example}/Program.cs";
        blocks[block].ShouldBe(Repository.Read(program), $"Copy {program} into docs/guides/use-the-library.md.");
    }

    private static List<string> Blocks(string page)
    {
        const string start = "```csharp\n";
        const string end = "```\n";
        var blocks = new List<string>();
        for (var at = page.IndexOf(start, StringComparison.Ordinal); at >= 0; at = page.IndexOf(start, at, StringComparison.Ordinal))
        {
            at += start.Length;
            var stop = page.IndexOf(end, at, StringComparison.Ordinal);
            blocks.Add(page[at..stop]);
            at = stop;
        }

        return blocks;
    }
}
