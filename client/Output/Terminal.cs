using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Elysium.Client.Output;

/// <summary>
/// Where commands write. Results go to standard output, everything said about them to standard error; colours and frames only to a
/// terminal, so that a pipe gets plain text.
/// </summary>
internal sealed class Terminal(TextReader input, TextWriter output, TextWriter error, bool inputIsTerminal, bool outputIsTerminal)
{
    public static Terminal System { get; } = new(
        Console.In,
        Console.Out,
        Console.Error,
        inputIsTerminal: !Console.IsInputRedirected,
        outputIsTerminal: !Console.IsOutputRedirected);

    public bool InputIsTerminal => inputIsTerminal;

    public bool OutputIsTerminal => outputIsTerminal;

    public TextReader Input => input;

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>A line of the result.</summary>
    public void Line(string text) => output.WriteLine(text);

    /// <summary>Progress or a hint; no part of the result.</summary>
    public void Note(string text) => error.WriteLine(text);

    /// <summary>The one line that says what was wrong and what to do.</summary>
    public ExitCode Fail(ExitCode code, string message)
    {
        error.WriteLine($"elysium: {message}");
        return code;
    }

    public void Json<T>(T value, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>A table; says <paramref name="empty"/> beside the result when there are no rows.</summary>
    public void Table(IReadOnlyList<string> columns, IReadOnlyCollection<string[]> rows, string empty)
    {
        if (rows.Count == 0)
        {
            Note(empty);
            return;
        }

        if (!outputIsTerminal)
        {
            PlainTable([.. columns.Select(static c => c.ToUpperInvariant())], rows);
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    // Columns that line up and lines that end with their text, however long: for grep and awk.
    private void PlainTable(string[] columns, IReadOnlyCollection<string[]> rows)
    {
        var widths = columns.Select((c, i) => rows.Max(r => Math.Max(r[i].Length, c.Length))).ToArray();
        foreach (var row in rows.Prepend(columns))
        {
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>One thing, a line a field.</summary>
    public void Fields(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            output.WriteLine($"{name,-12} {value}");
        }
    }

    /// <summary>Asks on a terminal; null when there is nobody to ask.</summary>
    public bool? Confirm(string question)
    {
        if (!inputIsTerminal)
        {
            return null;
        }

        error.Write($"{question} [y/N] ");
        return input.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <summary>A secret: one line of the pipe, or typed without echo.</summary>
    public string? ReadSecret(string prompt)
    {
        if (!inputIsTerminal)
        {
            return input.ReadLine()?.Trim();
        }

        error.Write(prompt);
        var secret = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                secret.Append(key.KeyChar);
            }
            else if (secret.Length > 0)
            {
                secret.Length--;
            }
        }

        error.WriteLine();
        return secret.ToString().Trim();
    }
}
