using Elysium.Linux;

namespace Elysium.Kernel.Tests;

/// <summary>Something that must be refused.</summary>
internal static class Failure
{
    /// <summary>Runs it, and gives the message of the refusal.</summary>
    public static string Expect(EngineFailure failure, Action action)
    {
        var exception = Expectations.ShouldThrow<WireGuardEngineException>(action);
        exception.Failure.ShouldBe(failure);
        return exception.Message;
    }
}
