# Completion of omero for PowerShell: omero completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName omero -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = $commandAst.CommandElements[0].ToString()
    $words = @()
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        $end = $element.Extent.EndOffset
        if ($end -lt $cursorPosition -or ($end -eq $cursorPosition -and -not $wordToComplete)) {
            $text = if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value } else { $element.ToString() }
            $words += "=$text"
        }
    }
    $current = $wordToComplete.Trim("'`"")
    $lines = @(& $program __complete powershell @words "=$current" 2>$null)
    # Where nothing is offered PowerShell completes paths.
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        $shown = if ($value -match '^[\w./:=+,-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($shown, $value, 'ParameterValue', $help)
    }
}
