using System.Text.Json;

namespace Elysium.Lab;

/// <summary>What a command on a host came to.</summary>
/// <param name="Command">The command, for messages.</param>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
/// <param name="Took">From start to exit.</param>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Errors, TimeSpan Took)
{
    /// <summary>This result, if the command succeeded.</summary>
    /// <exception cref="LabException">It did not; the message has all that it said.</exception>
    public CommandResult Succeeded() =>
        ExitCode == 0 ? this : throw new LabException($"'{Command}' ended with {ExitCode}.\n{Errors}{Output}");

    /// <summary>The output as JSON, if the command succeeded.</summary>
    public JsonElement Json()
    {
        Succeeded();
        try
        {
            return JsonDocument.Parse(Output).RootElement;
        }
        catch (JsonException exception)
        {
            throw new LabException($"'{Command}' printed no JSON: {exception.Message}\n{Output}", exception);
        }
    }
}
