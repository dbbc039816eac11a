using System.Diagnostics;
using Elysium.Lab;
using Elysium.Linux;

namespace Elysium.EndToEnd.Tests.Lab;

public sealed class SweeperTests
{
    [Fact]
    public async Task What_a_killed_owner_left_behind_is_removed_and_what_a_living_one_has_is_not()
    {
        await using var living = await Elysium.Lab.Lab.CreateAsync();
        living.AddHost("alice");

        var dead = new LabName(await DeadOwnerAsync(), 1);
        var folder = Path.Combine(Path.GetTempPath(), dead.ToString());
        Directory.CreateDirectory(folder);
        int process;
        using (var left = NetworkNamespace.Create(dead.Namespace("alice")))
        {
            process = left.Run(static () =>
            {
                using var sleep = Process.Start("setsid", ["sleep", "600"]);
                return sleep.Id;
            });
        }

        (await Sweeper.SweepAsync()).ShouldContain(dead);

        LabTests.IsRunning(process).ShouldBeFalse();
        LabTests.Namespaces(dead.ToString()).ShouldBeEmpty();
        Directory.Exists(folder).ShouldBeFalse();
        LabTests.Namespaces(living.Name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_kept_lab_stays_until_it_is_asked_for()
    {
        var kept = new LabName(await DeadOwnerAsync(), 2);
        var folder = Path.Combine(Path.GetTempPath(), kept.ToString());
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "kept"), "");
        try
        {
            (await Sweeper.SweepAsync()).ShouldNotContain(kept);
            Directory.Exists(folder).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("ely-12.34-5", true)]
    [InlineData("ely-12.34-5-alice", true)]
    [InlineData("ely-12.34-5-a-b", true)]
    [InlineData("ely-12-5-alice", false)]
    [InlineData("ely-x.34-5", false)]
    [InlineData("elysium", false)]
    [InlineData("web", false)]
    public void Only_names_that_a_lab_gave_are_taken_for_a_labs(string name, bool isLab)
    {
        LabName.TryParse(name, out var parsed).ShouldBe(isLab);
        if (isLab)
        {
            parsed.ShouldBe(new LabName(new Owner(12, 34), 5));
        }
    }

    private static async Task<Owner> DeadOwnerAsync()
    {
        using var process = Process.Start("true");
        await process.WaitForExitAsync();
        return new Owner(process.Id, 1);
    }
}
