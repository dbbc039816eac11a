using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Elysium.Backend.Database;

/// <summary>A server that every backend of the installation shares.</summary>
internal sealed class PostgresEngine : DatabaseEngine
{
    private readonly DatabaseOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly NpgsqlDataSource _connections;
    private readonly PooledDbContextFactory<PostgresDatabase> _contexts;

    public PostgresEngine(DatabaseOptions options, ILogger logger, ILoggerFactory? loggers, TimeProvider time)
    {
        (_options, _logger, _time) = (options, logger, time);
        _connections = NpgsqlDataSource.Create(PostgresConnections.Pooled(options));
        var contexts = new DbContextOptionsBuilder<PostgresDatabase>();
        PostgresDatabase.Configure(contexts, _connections);
        contexts.UseLoggerFactory(loggers);
        _contexts = new PooledDbContextFactory<PostgresDatabase>(contexts.Options);
    }

    public override string Name => $"'{_options.Name}' at {_options.Place}";

    /// <summary>Rows are locked, and only by those that want the same.</summary>
    public override bool OneWriter => false;

    public override ElysiumDatabase CreateDbContext() => _contexts.CreateDbContext();

    public override async Task<Refusal?> PrepareAsync(Func<ElysiumDatabase, CancellationToken, Task<Refusal?>> first, CancellationToken cancellationToken)
    {
        try
        {
            return await new PostgresPreparation(_options, _logger, _time).RunAsync(
                async token =>
                {
                    await using var database = CreateDbContext();
                    return await first(database, token);
                },
                cancellationToken);
        }
        catch (Exception e) when (PostgresFaults.In(e) is { } fault)
        {
            return Refused(PostgresRefusals.Explain(fault, _options, _options.User));
        }
    }

    public override ValueTask DisposeAsync() => _connections.DisposeAsync();
}
