namespace Elysium.Backend.Maps;

/// <summary>The feed's two beats: a look at all versions, which may take as long as a database takes, and a tick for all streams, which may not.</summary>
internal sealed partial class FeedLoop(NetworkFeeds feeds, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FeedLoop> logger) : BackgroundService
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var stopping = lifetime.ApplicationStopping.Register(feeds.Drain);
        var beats = Task.WhenAll(PollAsync(stoppingToken), TickAsync(stoppingToken));
        await beats.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await feeds.StopAsync();
    }

    private async Task PollAsync(CancellationToken stop)
    {
        while (true)
        {
            await feeds.PollAsync(stop);
            await Task.Delay(PollEvery, time, stop);
        }
    }

    private async Task TickAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(TickEvery, time, stop);
            try
            {
                feeds.Tick();
            }
            catch (Exception e)
            {
                // The next one may succeed, and without any no stream would ever be looked after.
                LogTickFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The streams could not be looked after")]
    private partial void LogTickFailed(Exception exception);
}
