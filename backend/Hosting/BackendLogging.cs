using Microsoft.Extensions.Logging.Console;

namespace Elysium.Backend.Hosting;

/// <summary>What is logged, and how it looks: the same before the application is built and after.</summary>
internal static class BackendLogging
{
    /// <summary>For what happens before there is an application.</summary>
    public static ILoggerFactory Create(BackendOptions options, TimeProvider time) => LoggerFactory.Create(logging =>
    {
        logging.Services.AddSingleton(time);
        Configure(logging, options);
    });

    public static void Configure(ILoggingBuilder logging, BackendOptions options)
    {
        logging.ClearProviders();
        logging.AddConsole(console => console.FormatterName = LogLine.FormatName);
        logging.AddConsoleFormatter<LogLine, ConsoleFormatterOptions>();
        logging.SetMinimumLevel(options.LogLevel);

        // The frameworks' own chatter only when somebody looks for it.
        var frameworks = options.LogLevel < LogLevel.Information ? options.LogLevel : LogLevel.Warning;
        logging.AddFilter("Microsoft", frameworks).AddFilter("System", frameworks);

        // What stops the start is told in one line by the command.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // EF Core logs what it also throws; a name that is taken is no error of ours.
        logging.AddFilter("Microsoft.EntityFrameworkCore", options.LogLevel < LogLevel.Information ? frameworks : LogLevel.Critical);

        // Handlers log each refusal, which is an everyday answer.
        logging.AddFilter("Elysium.Backend.Access", frameworks);
    }
}
