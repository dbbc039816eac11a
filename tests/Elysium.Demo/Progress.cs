using System.Globalization;

namespace Elysium.Demo;

/// <summary>What the demo says while it works, with the time since its start.</summary>
internal sealed class Progress(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>A new part of the story.</summary>
    public void Part(string title) => Console.WriteLine($"\n{title}");

    /// <summary>Something happened.</summary>
    public void Step(string text) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  [{time.GetElapsedTime(_start).TotalSeconds,5:0.0} s] {text}"));

    /// <summary>What a command printed.</summary>
    public void Quote(string command, string output)
    {
        Console.WriteLine($"  $ {command}");
        foreach (var line in output.TrimEnd().Split('\n'))
        {
            Console.WriteLine($"  {line}");
        }
    }
}
