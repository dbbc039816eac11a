namespace Elysium.Linux.Tests;

/// <summary>Polls with a deadline; never a bare sleep.</summary>
internal static class Wait
{
    public static void Until(Func<bool> condition, string what, double seconds = 10) =>
        SpinWait.SpinUntil(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None).Wait();
                return false;
            },
            TimeSpan.FromSeconds(seconds)).ShouldBeTrue(what);
}
