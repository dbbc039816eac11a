namespace Elysium.Lab;

/// <summary>Waits for something to become true: asks again and again until a deadline, and never sleeps for a fixed time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="what">What is waited for, for the message: "the interface is gone".</param>
    /// <param name="within">How long.</param>
    /// <param name="condition">Asked at least once, and once more when the time is over.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TimeoutException">It did not become true.</exception>
    public static async Task HoldsAsync(
        string what, TimeSpan within, Func<Task<bool>> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (true)
        {
            var late = time.GetElapsedTime(start) >= within;
            if (await condition())
            {
                return;
            }

            if (late)
            {
                throw new TimeoutException($"Waited {within.TotalSeconds:0.#} s in vain: {what}.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Waits until there is a value.</summary>
    public static async Task<T> GivesAsync<T>(
        string what, TimeSpan within, Func<Task<T?>> probe, CancellationToken cancellationToken = default)
        where T : class
    {
        T? value = null;
        await HoldsAsync(what, within, async () => (value = await probe()) is not null, cancellationToken);
        return value!;
    }
}
