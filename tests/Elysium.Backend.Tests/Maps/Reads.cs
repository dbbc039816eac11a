using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Elysium.Backend.Tests.Maps;

/// <summary>Counts the readings of a table by one backend of this process, while it is not disposed.</summary>
internal sealed class Reads : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _table;
    private readonly IDisposable _all;
    private IDisposable? _one;
    private int _count;

    public Reads(string table)
    {
        _table = $"FROM {table} ";
        _all = DiagnosticListener.AllListeners.Subscribe(this);
    }

    /// <summary>The connection string of the database whose readings count; set when it has begun, because EF Core asks who listens only now and then.</summary>
    public string? Of { get; set; }

    public int Count => _count;

    /// <summary>Done by the reader, before it reads.</summary>
    public Action<string>? Then { get; set; }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
        {
            _one = value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandEventData command && value.Key == RelationalEventId.CommandExecuting.Name
            && command.Command.Connection!.ConnectionString == Of
            && command.Command.CommandText.Replace("\"", "", StringComparison.Ordinal).Contains(_table, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _count);
            Then?.Invoke(command.Command.CommandText);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        _one?.Dispose();
        _all.Dispose();
    }
}
